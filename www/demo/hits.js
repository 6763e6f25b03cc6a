/** The page "What this server saw": reads the server's own log every second while it is looked at. */
(function () {
  "use strict";

  var NAMES = { analytics: "Analytics", pixel: "Pixel", frame: "Film frame", chat: "Chat" };
  var root = document.querySelector("[data-hits]");
  var body = root.querySelector("tbody");
  var table = root.querySelector("[data-hits-table]");
  var none = root.querySelector("[data-hits-none]");
  var note = root.querySelector("[data-hits-note]");
  var shown = "";

  function cell(text) {
    var td = document.createElement("td");
    td.textContent = text;
    return td;
  }

  function row(hit) {
    var tr = document.createElement("tr");
    tr.className = hit.kind === "chat" ? "plain" : "";
    tr.append(
      cell(new Date(hit.time).toLocaleTimeString()),
      cell(NAMES[hit.kind]),
      cell(hit.page || "–"),
      cell(hit.cookies.join(", ") || "none"),
    );
    return tr;
  }

  function show(hits) {
    Object.keys(NAMES).forEach(function (kind) {
      var count = hits.filter(function (hit) {
        return hit.kind === kind;
      }).length;
      var item = root.querySelector('[data-tally="' + kind + '"]');
      item.className = count ? "some" : "";
      item.firstElementChild.textContent = count;
    });
    table.hidden = !hits.length;
    none.hidden = hits.some(function (hit) {
      return hit.kind !== "chat";
    });
    body.replaceChildren.apply(body, hits.slice(-200).reverse().map(row));
  }

  function look() {
    if (document.hidden) return;
    fetch("/hits.json").then(function (response) {
      return response.text();
    }).then(function (text) {
      note.textContent = "Looks again every second.";
      if (text !== shown) show(JSON.parse(text));
      shown = text;
    }).catch(function () {
      note.textContent = "The server does not answer.";
    });
  }

  look();
  setInterval(look, 1000);
})();
