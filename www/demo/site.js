/** Larkspur's own script: an address typed into the footer is carried into the newsletter form when that opens. */
(function () {
  "use strict";

  var PATIENCE = 5000;
  var field = document.querySelector("[data-letter-address]");

  /** The form's own field: in the page, or in the shadow tree of one of the body's children. */
  function target() {
    var roots = Array.from(document.body.children, function (child) {
      return child.shadowRoot || child;
    });
    for (var root of roots) {
      var found = root.querySelector("dialog[open] input[type=email]");
      if (found) return found;
    }
  }

  function carry(until) {
    var found = target();
    if (!found) {
      if (performance.now() < until) requestAnimationFrame(carry.bind(null, until));
    } else if (!found.value) {
      found.value = field.value;
      found.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    }
  }

  document.addEventListener("sayso:open", function (event) {
    if (event.detail.surface === "newsletter" && field && field.value) carry(performance.now() + PATIENCE);
  });
})();
