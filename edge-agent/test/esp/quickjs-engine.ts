import { getQuickJS, type QuickJSContext, type QuickJSHandle } from 'quickjs-emscripten'
import type { EngineBoard, EngineHost } from './engine-entry.ts'

/** The board program in an engine that has nothing of Node. */
export interface QuickJsEngine {
  readonly board: EngineBoard
  /** Finishes what was begun. @throws what the program threw */
  readonly drain: () => void
  /** Bytes on the heap now, and right after the program was loaded. */
  readonly heap: () => number
  readonly programHeap: number
}

export async function startInQuickJs(code: string, host: EngineHost): Promise<QuickJsEngine> {
  const runtime = (await getQuickJS()).newRuntime()
  const vm = runtime.newContext()
  const heap = (): number => {
    using usage = runtime.computeMemoryUsage()
    return (vm.dump(usage) as { memory_used_size: number }).memory_used_size
  }
  // Without the text of its functions and their line numbers, as a program for a board is built.
  vm.unwrapResult(vm.evalCode(code, 'board.js', { strip: true })).dispose()
  const programHeap = heap()

  const hostHandle = handleOf(vm, host)
  const engine = vm.getProp(vm.global, 'engine')
  const start = vm.getProp(engine, 'startEngine')
  const boardHandle = vm.unwrapResult(vm.callFunction(start, vm.undefined, hostHandle))
  const method = (name: string) => {
    const called = vm.getProp(boardHandle, name)
    return (...args: readonly (number | string)[]): unknown => {
      const handles = args.map((arg) => (typeof arg === 'number' ? vm.newNumber(arg) : vm.newString(arg)))
      using result = vm.unwrapResult(vm.callFunction(called, boardHandle, ...handles))
      for (const handle of handles) handle.dispose()
      return vm.dump(result)
    }
  }
  const names = ['fire', 'mqttControl', 'mqttMessage', 'status'] as const
  return {
    board: Object.fromEntries(names.map((name) => [name, method(name)])) as unknown as EngineBoard,
    drain: () => void vm.unwrapResult(runtime.executePendingJobs()),
    heap,
    programHeap,
  }
}

function handleOf(vm: QuickJSContext, host: EngineHost): QuickJSHandle {
  const object = vm.newObject()
  for (const [name, call] of Object.entries(host) as [string, (...args: unknown[]) => unknown][]) {
    using wrapped = vm.newFunction(name, (...args) => toHandle(vm, call(...args.map((arg) => toNative(vm, arg)))))
    vm.setProp(object, name, wrapped)
  }
  return object
}

function toNative(vm: QuickJSContext, handle: QuickJSHandle): unknown {
  const type = vm.typeof(handle)
  if (type !== 'object') return vm.dump(handle)
  using bytes = vm.getArrayBuffer(handle)
  return bytes.value.slice().buffer
}

function toHandle(vm: QuickJSContext, value: unknown): QuickJSHandle {
  if (value instanceof ArrayBuffer) return vm.newArrayBuffer(value)
  if (typeof value === 'number') return vm.newNumber(value)
  return value === true ? vm.true : vm.undefined
}
