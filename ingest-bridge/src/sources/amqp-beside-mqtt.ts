import type { AmqpSource } from './amqp-source.ts'
import type { MqttSource } from './mqtt-source.ts'
import type { Delivery, Publisher, Source, SourceHandlers } from './source.ts'

/** Data from an AMQP queue; receipts, live values and birth messages over MQTT. */
export class AmqpBesideMqtt implements Source, Publisher {
  readonly name = 'amqp'
  readonly #amqp: AmqpSource
  readonly #mqtt: MqttSource
  #onData: (delivery: Delivery) => void = () => undefined

  constructor(amqp: AmqpSource, mqtt: MqttSource) {
    this.#amqp = amqp
    this.#mqtt = mqtt
  }

  /** Told of each delivery from AMQP, before it goes on its way into the database. */
  onData(listener: (delivery: Delivery) => void): void {
    this.#onData = listener
  }

  start(handlers: SourceHandlers): void {
    this.#mqtt.start(handlers)
    this.#amqp.start({
      onDelivery: (delivery) => {
        this.#onData(delivery)
        handlers.onDelivery(delivery)
      },
    })
  }

  async ready(): Promise<void> {
    await Promise.all([this.#amqp.ready(), this.#mqtt.ready()])
  }

  facts(): { connected: boolean; detail: string } {
    const [amqp, mqtt] = [this.#amqp.facts(), this.#mqtt.facts()]
    return { connected: amqp.connected && mqtt.connected, detail: `queue: ${amqp.detail}; receipts: ${mqtt.detail}` }
  }

  roomAgain(): void {
    this.#amqp.roomAgain()
  }

  canPublish(): boolean {
    return this.#mqtt.canPublish()
  }

  publish(topic: string, payload: string | Buffer): boolean {
    return this.#mqtt.publish(topic, payload)
  }

  async pause(): Promise<void> {
    await Promise.all([this.#amqp.pause(), this.#mqtt.pause()])
  }

  async stop(): Promise<void> {
    await Promise.all([this.#amqp.stop(), this.#mqtt.stop()])
  }
}
