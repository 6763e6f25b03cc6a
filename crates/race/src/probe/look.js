/** What the browser itself has noted of a visit, asked for when the visit is over: nothing runs before. */
(async () => {
  const noted = {};
  for (const type of ['largest-contentful-paint', 'layout-shift', 'longtask', 'paint']) {
    noted[type] = [];
    new PerformanceObserver((list) => noted[type].push(...list.getEntries())).observe({ type, buffered: true });
  }
  await new Promise((done) => setTimeout(done, 50));
  const [page] = performance.getEntriesByType('navigation');
  const request = ({ name, fetchStart, requestStart, responseStart, responseEnd, encodedBodySize, transferSize }) => ({
    name: new URL(name, location).pathname,
    sent: requestStart || fetchStart,
    first: responseStart || responseEnd,
    last: responseEnd,
    body: encodedBodySize,
    network: transferSize > 0,
  });
  const paint = noted.paint.find(({ name }) => name == 'first-contentful-paint');
  return {
    first_paint: paint ? paint.startTime : null,
    largest_paint: noted['largest-contentful-paint'].at(-1)?.startTime ?? null,
    layout_shift: noted['layout-shift'].reduce((sum, { value, hadRecentInput }) => sum + (hadRecentInput ? 0 : value), 0),
    shifted: noted['layout-shift'].flatMap(({ sources }) => sources.map(({ node }) => node?.id || node?.nodeName || '')),
    long_tasks: noted.longtask.length,
    counted: globalThis.counted ?? null,
    requests: [page, ...performance.getEntriesByType('resource')].map(request),
  };
})()
