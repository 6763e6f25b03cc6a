/**
 * The inline snippet: the queue that `window.sayso` is until the gate has loaded. It lets nothing run: nobody is allowed
 * anything, and calls wait. One text per site, so that its hash in a content security policy stays the same. Where the
 * site declares vendors, the build hands it a function that sets their denied defaults.
 */
(function (w, d, deny) {
  // Its own property: an element of this name is none.
  if (Object.prototype.hasOwnProperty.call(w, 'sayso') && w.sayso.allows) return;
  var stub = {
    q: [],
    state: function () {
      return {};
    },
    allows: function () {
      return false;
    },
    on: function (name, listener) {
      function heard(event) {
        listener(event.detail);
      }
      d.addEventListener('sayso:' + name, heard);
      return function () {
        d.removeEventListener('sayso:' + name, heard);
      };
    },
  };
  ['open', 'give', 'refuse', 'withdraw', 'object', 'receipts'].forEach(function (name) {
    stub[name] = function () {
      var given = arguments;
      return new Promise(function (done) {
        stub.q.push([name, given, done]);
      });
    };
  });
  w.sayso = stub;
  if (deny) deny();
  // While the network is waited for, the browser gets ready what the gate needs first, so that it need not wait for that:
  // what was answered is read, and where nothing was, what a first layer is made of is made once and thrown away. A gate
  // that was faster needs none of it.
  if (w.requestIdleCallback)
    w.requestIdleCallback(function () {
      try {
        if (stub.q && (d.cookie + w.localStorage.length).indexOf('sayso=') < 0)
          ['h2', 'p', 'a', 'div', 'button']
            .map(function (name) {
              return d.createElement(name);
            })
            .concat(d.querySelector('[data-sayso]'), new CSSStyleSheet(), new CustomEvent('sayso'));
      } catch (blocked) {}
    });
})(window, document);
