/** CPU time of this process, by what it was spent on. The engine runs in this process, on one thread. */
export type CpuMeter = {
  /** Does the work and counts what it takes. */
  during<T>(work: () => Promise<T>): Promise<T>
  /** Counts the work of `others` who would do the same, as well. */
  duringFor<T>(others: number, work: () => Promise<T>): Promise<T>
  /** Seconds so far. */
  seconds(): number
}

const MICROS = 1e6

export function openCpuMeter(): CpuMeter {
  let micros = 0
  const duringFor = async <T>(people: number, work: () => Promise<T>): Promise<T> => {
    const before = process.cpuUsage()
    try {
      return await work()
    } finally {
      const { user, system } = process.cpuUsage(before)
      micros += people * (user + system)
    }
  }
  return { during: (work) => duringFor(1, work), duringFor, seconds: () => micros / MICROS }
}
