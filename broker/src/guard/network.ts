/** An IPv4 address that came in over an IPv6 socket, as IPv4. */
export function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}

/** One host: an IPv4 address, or the /64 an IPv6 host may choose its address from. */
export function networkOf(remoteAddress = ''): string {
  const address = plainAddress(remoteAddress)
  if (!address.includes(':')) return address
  const [head = '', tail] = address.split('::')
  const left = head.split(':').filter(Boolean)
  const right = (tail ?? '').split(':').filter(Boolean)
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  return `${[...left, ...Array.from({ length: zeros }, () => '0'), ...right].slice(0, 4).join(':')}::/64`
}
