/**
 * What stands behind the snippet in the inline form, after two tags: `sayso.js`, asynchronous, and the whole gate as a text
 * that does not run. Who has not answered gets the gate that is there, at once. For who has, it need not be compiled in
 * the middle of the page's parsing: they get the file, from their browser's cache, and the gate that is there only where
 * the file keeps them waiting. Whichever comes second does nothing.
 */
(function (w, d) {
  // Put in anew, a tag of a type that runs does run: with its own nonce or hash, and without a text that was made here.
  function here() {
    // The stub has a queue until a gate takes its place.
    if (!w.sayso.q) return;
    // An element's name takes no place on a prototype.
    var gate = Document.prototype.getElementById.call(d, 'sayso-gate');
    if (!gate || gate.type != 'text/plain') throw Error('sayso: the three tags of the inline form belong together');
    gate.type = '';
    gate.parentNode.insertBefore(gate, gate.nextSibling);
  }
  var cookies = '';
  // The file may have come first.
  if (!w.sayso.q) return;
  // For who has answered no element is touched: a browser's first use of each kind from a script takes time.
  try {
    cookies = '; ' + Reflect.get(Document.prototype, 'cookie', d);
  } catch (blocked) {}
  if (cookies.indexOf('; sayso=') < 0) here();
  else {
    // Also another file's error: then the page need not wait any longer.
    w.addEventListener('error', here, true);
    // A kept file takes a slow phone a fifth of a second. The network is not waited for much longer.
    setTimeout(here, 1000);
  }
})(window, document);
