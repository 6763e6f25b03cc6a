/** Larkspur's own script: an address typed into the footer is carried into the newsletter form when that opens. */
(function () {
  "use strict";

  var field = document.querySelector("[data-letter-address]");

  function carry() {
    var target = document.querySelector("dialog input[type=email]");
    if (!target || target.value || !field.value) return false;
    target.value = field.value;
    target.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  document.addEventListener("sayso:open", function (event) {
    if (event.detail.surface !== "newsletter" || !field || !field.value || carry()) return;
    var watch = new MutationObserver(function () {
      if (carry()) watch.disconnect();
    });
    watch.observe(document.body, { childList: true, subtree: true });
    document.addEventListener("sayso:close", function () {
      watch.disconnect();
    }, { once: true });
  });
})();
