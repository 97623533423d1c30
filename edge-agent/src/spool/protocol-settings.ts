/** How the spool behaves on the wire; the defaults are those of the device protocol. */
export interface SpoolSettings {
  /** Most un-receipted objects on the way. */
  readonly window: number
  /** Of the window, kept free of backlog so that a live object need not push an older one back. */
  readonly liveReserve: number
  /** What no receipt covers after this long goes again; the wait then doubles. */
  readonly resendAfterMs: number
  readonly resendAtMostMs: number
  /** After a reconnect, how long to wait for the receipt that answers `online` before replaying anyway. */
  readonly waitForReceiptMs: number
  /** Backlog pace, objects per second, and how many may go at once: live values must never queue behind it. */
  readonly backlogPerSecond: number
  readonly backlogBurst: number
  /** Waiting messages (backlog, events) handed to the broker and not yet acknowledged. */
  readonly messagesOnTheWay: number
  /** Records given up at a time when the store is full. */
  readonly dropAtOnce: number
  /** Most samples looked at to find those of the oldest minute, when they must make room for what stands for them. */
  readonly rollUpAtMost: number
  /** After a reconnect, how long what waits is held back for the server's time while nobody has confirmed the board's; it is said every 10 s. */
  readonly waitForTimeMs: number
  /** After a reconnect the newest object goes out as live when it is younger than this. */
  readonly stillLiveMs: number
}

export const defaultSpoolSettings: SpoolSettings = {
  window: 500,
  liveReserve: 50,
  resendAfterMs: 15_000,
  resendAtMostMs: 300_000,
  waitForReceiptMs: 5_000,
  backlogPerSecond: 300,
  backlogBurst: 200,
  messagesOnTheWay: 4,
  dropAtOnce: 64,
  rollUpAtMost: 600,
  waitForTimeMs: 25_000,
  stillLiveMs: 60_000,
}
