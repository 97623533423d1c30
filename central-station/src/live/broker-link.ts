import type { Stop } from '@vigil/contract'

export interface PublishOptions {
  readonly qos: 0 | 1
  readonly retain?: boolean
}

/** Port to the MQTT broker, as commands, configuration and the time beacon use it. */
export interface BrokerLink {
  connected(): boolean
  /** Resolves when the broker acknowledged (QoS 1) or took (QoS 0) it. @throws AppError BROKER_AWAY */
  publish(topic: string, payload: string, options: PublishOptions): Promise<void>
  /** Told at each new connection, after the subscriptions stand. */
  onConnect(listener: () => void): Stop
  stop(): Promise<void>
}
