/**
 * What stands behind the snippet in the inline form. Two tags before it are no scripts yet: the whole gate, and
 * `sayso.js` by its address. Who has not answered gets the gate that is here, at once. For who has, it need not be
 * compiled in the middle of the page's parsing: they get the file, which their browser has kept since the answer, and the
 * gate that is here only where the file keeps them waiting.
 */
(function (w, d) {
  // An element's name takes no place on a prototype.
  function get(name) {
    return Reflect.get(Document.prototype, name, d);
  }
  // Put in anew, a tag of a type that runs does run: with its own nonce or hash, and without a text that was made here.
  function run(tag) {
    // The stub has a queue until a gate takes its place.
    if (!w.sayso.q) return;
    tag.type = '';
    tag.parentNode.insertBefore(tag, tag.nextSibling);
  }
  var file = get('currentScript').previousElementSibling;
  var gate = file && file.previousElementSibling;
  var answered;
  if (!gate || gate.type != 'text/plain') throw Error('sayso: the three tags of the inline form belong together');
  try {
    answered = /(^|; )sayso=/.test(get('cookie'));
  } catch (blocked) {}
  function here() {
    run(gate);
  }
  if (answered) {
    run(file);
    file.onerror = here;
    // A kept file takes a slow phone a fifth of a second. The network is not waited for much longer.
    setTimeout(here, 1000);
  } else here();
})(window, document);
