/**
 * Finds out when a visitor can read and answer: put before every script of a page that has not been answered. Observers
 * wait for the buttons, animation frames look only from then on.
 */
(yes, no) => {
  const race = (globalThis.race = {});
  const button = (css) => document.querySelector(css);
  const middle = (css) => {
    const { x, y, width, height } = button(css).getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2, width, height };
  };
  /** In view, opaque, done moving, and what a click in its middle would hit. */
  const can = (css) => {
    const element = button(css);
    if (!element) return false;
    const { x, y, width, height } = middle(css);
    if (!width || !height || x - width / 2 < 0 || y - height / 2 < 0) return false;
    if (x + width / 2 > innerWidth || y + height / 2 > innerHeight) return false;
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.visibility != 'visible') return false;
      opacity *= style.opacity;
      if (at.getAnimations().some((one) => one.playState == 'running')) return false;
    }
    return opacity > 0.99 && element.contains(document.elementFromPoint(x, y));
  };
  /**
   * After the frame that this animation frame belongs to, when a click made at its sight would be heard: clicks come
   * before whatever else waits, such as the rest of the page being parsed, and so does this.
   */
  const painted = (done) =>
    scheduler.postTask(() => done(performance.now()), { priority: 'user-blocking' });
  race.can = () => can(yes);
  race.middle = () => middle(yes);
  race.answerable = new Promise((done) => {
    const frame = () => {
      if (can(yes) && can(no)) painted(done);
      else requestAnimationFrame(frame);
    };
    const watch = new MutationObserver(() => {
      if (!button(yes)) return;
      watch.disconnect();
      requestAnimationFrame(frame);
    });
    watch.observe(document, { childList: true, subtree: true });
  });
  /** Told before the click: from the click's own time to after the next frame. */
  race.expect = () => {
    race.accepted = new Promise((done) => {
      const click = (event) =>
        requestAnimationFrame(() => painted((now) => done(now - event.timeStamp)));
      addEventListener('click', click, { capture: true, once: true });
    });
    race.gone = race.accepted.then(
      () =>
        new Promise((done) => {
          const frame = () => (can(yes) ? requestAnimationFrame(frame) : done(true));
          frame();
        }),
    );
  };
}
