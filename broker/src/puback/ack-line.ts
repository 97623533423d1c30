/** PUBACKs of one client, which keep the order of its messages [MQTT-4.6.0-2], however late the oldest may be sent. */
export interface AckLine {
  /** Takes a place in the line; the answer says that this one may go. */
  wait(messageId: number): () => void
}

export function createAckLine(acknowledge: (messageId: number) => void): AckLine {
  const line: { readonly messageId: number; mayGo: boolean }[] = []
  return {
    wait(messageId) {
      const place = { messageId, mayGo: false }
      line.push(place)
      return () => {
        place.mayGo = true
        while (line[0]?.mayGo) acknowledge((line.shift() as { messageId: number }).messageId)
      }
    },
  }
}
