/** Lets the app be installed and open without a network. A browser that cannot is still a browser. */
export function installShell(navigator: Navigator): void {
  if (!('serviceWorker' in navigator) || !import.meta.env.PROD) return
  navigator.serviceWorker.register('/sw.js').catch(() => undefined)
}
