/**
 * What stands behind the snippet in the asynchronous form: while the network is waited for, the browser gets ready what
 * the gate needs first, so that it need not wait for that. What was answered is read, and where nothing was, what a first
 * layer is made of is made once and thrown away. A gate that was faster needs none of it.
 */
(function (w, d) {
  if (typeof w.requestIdleCallback == 'function')
    w.requestIdleCallback(function () {
      try {
        if (w.sayso.q && (d.cookie + w.localStorage.length).indexOf('sayso=') < 0)
          ['h2', 'p', 'a', 'div', 'button']
            .map(function (name) {
              return d.createElement(name);
            })
            .concat(d.querySelector('[data-sayso]'), new CSSStyleSheet(), new CustomEvent('sayso'));
      } catch (blocked) {}
    });
})(window, document);
