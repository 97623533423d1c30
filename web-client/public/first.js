/*
 * Runs before anything is drawn and before the app has come: the theme this screen was set to, so that a light screen does not
 * flash dark; and the first questions of the page, so that their answers are there when the app is.
 */
;(() => {
  const { documentElement, head } = document
  const { pathname } = location
  try {
    const { theme } = JSON.parse(localStorage.getItem('vigil.preferences') ?? '{}')
    if (theme === 'light' || theme === 'night') documentElement.dataset.theme = theme
  } catch {
    // Nothing kept, or storage is refused: as shipped.
  }
  const ask = (href) => head.append(Object.assign(document.createElement('link'), { rel: 'preload', as: 'fetch', crossOrigin: 'anonymous', href }))
  // Sign-in and the mirror have no bar, and ask only when they know for whom.
  if (!/^\/(?:sign-in|me)(?:\/|$)/.test(pathname)) {
    documentElement.dataset.first = 'bar'
    ask('/api/v1/me')
  }
  if (pathname.startsWith('/ward/')) ask('/api/v1/wards')
})()
