/** Larkspur's live chat: a button in the corner; its cookie is set only when a visitor opens it. */
(function () {
  "use strict";

  var TEXTS = {
    en: { open: "Open the chat", close: "Close the chat", title: "Talk to us", hello: "Hello! I am Marlies. What can I help with?", write: "Your message", send: "Send", thanks: "Thank you. This is a demo, so nobody reads along." },
    de: { open: "Chat öffnen", close: "Chat schließen", title: "Sprechen Sie uns an", hello: "Hallo! Ich bin Marlies. Womit kann ich helfen?", write: "Ihre Nachricht", send: "Senden", thanks: "Danke. Dies ist eine Demo, hier liest niemand mit." },
    ar: { open: "افتح الدردشة", close: "أغلق الدردشة", title: "تحدّث إلينا", hello: "مرحبًا! أنا مارليس. كيف أساعدك؟", write: "رسالتك", send: "إرسال", thanks: "شكرًا. هذا عرض تجريبي، ولا أحد يقرأ الرسائل." },
  };
  var SVG = "http://www.w3.org/2000/svg";
  var text = TEXTS[document.documentElement.lang] || TEXTS.en;

  function make(tag, properties) {
    return Object.assign(document.createElement(tag), properties);
  }

  var root = make("div", { className: "chat" });
  var panel = make("section", { className: "chat-panel", id: "chat-panel", hidden: true });
  var title = make("h2", { textContent: text.title, id: "chat-title" });
  var lines = make("ul", { className: "chat-lines" });
  var form = make("form", { className: "field-row" });
  var input = make("input", { type: "text", maxLength: 500, required: true, autocomplete: "off" });
  var send = make("button", { className: "button", textContent: text.send });
  var toggle = make("button", { className: "chat-toggle", type: "button" });
  var icon = document.createElementNS(SVG, "svg");
  var bubble = document.createElementNS(SVG, "path");

  panel.setAttribute("aria-labelledby", "chat-title");
  lines.setAttribute("aria-live", "polite");
  input.setAttribute("aria-label", text.write);
  input.setAttribute("placeholder", text.write);
  toggle.setAttribute("aria-controls", "chat-panel");
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", "true");
  bubble.setAttribute("d", "M21 11.500a8.400 8.400 0 0 1-12.200 7.500L3.500 20.500l1.600-4.900A8.400 8.400 0 1 1 21 11.500Z");
  icon.append(bubble);
  toggle.append(icon);
  form.append(input, send);
  panel.append(title, lines, form);
  root.append(panel, toggle);

  function say(line, mine) {
    lines.append(make("li", { textContent: line, className: mine ? "mine" : "" }));
    lines.scrollTop = lines.scrollHeight;
  }

  function show(open) {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    toggle.setAttribute("aria-label", open ? text.close : text.open);
  }

  function begin() {
    if (!/(^|; )chat_session=/.test(document.cookie)) {
      document.cookie = "chat_session=" + Math.random().toString(36).slice(2, 12) + "; Path=/; SameSite=Lax";
    }
    if (!lines.childElementCount) say(text.hello);
  }

  toggle.addEventListener("click", function () {
    show(panel.hidden);
    if (!panel.hidden) {
      begin();
      input.focus();
    }
  });
  panel.addEventListener("keydown", function (event) {
    if (event.key === "Escape") {
      show(false);
      toggle.focus();
    }
  });
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    say(input.value, true);
    input.value = "";
    fetch("/hits/chat", { method: "POST" }).then(function () {
      say(text.thanks);
    }, function () {});
  });

  show(false);
  document.body.append(root);
})();
