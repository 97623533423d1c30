/*
 * Keeps the app itself, so that it opens without a network and then says that it is not live. Nothing of a patient is ever kept
 * here: answers of the API, and anything that is not a file of the app, always come from the network.
 */
const SHELL = 'vigil-shell-1'
const INDEX = '/'

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.add(new Request(INDEX, { cache: 'reload' }))))
})

self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name)))))
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || /^\/(api|health|metrics)(\/|$)/.test(url.pathname)) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else if (url.pathname.startsWith('/assets/') || /\.(svg|png|webmanifest)$/.test(url.pathname)) event.respondWith(file(request))
})

/** The newest index there is; without a network the one kept, which names files that are kept too. */
async function page(request) {
  const cache = await caches.open(SHELL)
  try {
    const answer = await fetch(request)
    if (answer.ok && answer.type === 'basic') await cache.put(INDEX, answer.clone())
    return answer
  } catch (error) {
    const kept = await cache.match(INDEX)
    if (kept) return kept
    throw error
  }
}

/** Files carry a hash of their content in their name: what is kept is what would come. */
async function file(request) {
  const cache = await caches.open(SHELL)
  const kept = await cache.match(request)
  if (kept) return kept
  const answer = await fetch(request)
  if (answer.ok) await cache.put(request, answer.clone())
  return answer
}
