/** Larkspur Pulse: counts page views. A plain analytics script that knows nothing of consent; the page gates it. */
(function () {
  "use strict";

  var YEAR_AND_A_MONTH = 395 * 24 * 60 * 60;
  var HALF_AN_HOUR = 30 * 60;
  var QUEUE = "pulse.queue";

  function cookie(name) {
    var found = document.cookie.split("; ").filter(function (pair) {
      return pair.indexOf(name + "=") === 0;
    })[0];
    return found ? found.slice(name.length + 1) : "";
  }

  function keep(name, seconds) {
    var value = cookie(name) || Math.random().toString(36).slice(2, 12);
    document.cookie = name + "=" + value + "; Max-Age=" + seconds + "; Path=/; SameSite=Lax";
  }

  function queue() {
    try {
      return JSON.parse(localStorage.getItem(QUEUE)) || [];
    } catch (_) {
      return [];
    }
  }

  function save(views) {
    try {
      localStorage.setItem(QUEUE, JSON.stringify(views));
    } catch (_) {
      // Storage is off or full: this view may be lost, which harms nobody.
    }
  }

  function send(view) {
    return fetch("/hits/analytics", { method: "POST", keepalive: true, body: JSON.stringify(view) });
  }

  function count() {
    keep("_pulse_id", YEAR_AND_A_MONTH);
    keep("_pulse_session", HALF_AN_HOUR);
    var unsent = queue();
    var view = { page: location.pathname };
    save(unsent.concat(view));
    unsent.concat(view).reduce(function (before, next) {
      return before.then(function () {
        return send(next).then(function () {
          save(queue().slice(1));
        });
      });
    }, Promise.resolve()).catch(function () {
      // The views stay in the queue until the next page.
    });
  }

  count();
  addEventListener("pageshow", function (event) {
    if (event.persisted) count();
  });
})();
