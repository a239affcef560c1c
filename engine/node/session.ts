import { type Engine, openRunner, type RunnableTask } from '../run/runner.ts'
import { installedWasm } from './engine-pin.ts'

/**
 * Opens a task's graphs in this process. For packages of your own or that you trust: graphs of strangers belong in
 * {@link openSandboxedEngine}, which bounds their time and memory.
 *
 * @throws EngineRefusal `engine` when the package is pinned to another engine than the installed one, `graph` when the
 * runtime refuses a graph.
 */
export async function openEngine(task: Omit<RunnableTask, 'costs'>): Promise<Engine> {
  return openRunner(task, await installedWasm())
}
