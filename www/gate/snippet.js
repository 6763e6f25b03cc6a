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
})(window, document);
