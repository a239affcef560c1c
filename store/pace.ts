import { StoreError } from './blob-store.ts'

/** How slow a transfer may be before it is given up. */
export type Pace = {
  /** Longest time in which no byte moves, in milliseconds. */
  stallTimeoutMs: number
  /** Lowest average speed of a whole transfer, in bytes a second. */
  slowestBytesPerSecond: number
}

/** A quarter of a megabit a second. The largest blob, 256 MiB, gets 137 minutes. */
export const SLOWEST_BYTES_PER_SECOND = 32_768

/** Longest delay of a timer, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/**
 * Longest time that a transfer of so many bytes may take, in milliseconds: one stall plus the bytes at lowest speed.
 */
export function longestTransferMs(bytes: number, { stallTimeoutMs, slowestBytesPerSecond }: Pace): number {
  return Math.min(stallTimeoutMs + Math.ceil((bytes / slowestBytesPerSecond) * 1_000), LONGEST_TIMER_MS)
}

/** The timers of one transfer. Whoever starts them must end them. */
export type Watch = {
  /** Aborts when the transfer stalls, takes too long, or its reader gives up. */
  signal: AbortSignal
  /** Reports that bytes moved. @param mostBytesAhead how many of them this machine may still have buffered */
  moved(mostBytesAhead?: number): void
  end(): void
}

/** Starts the timers of a transfer of at most `maxBytes`. The reader's own signal ends it too. */
export function watchTransfer(
  pace: Pace,
  { maxBytes, signal }: { maxBytes: number; signal?: AbortSignal | undefined },
): Watch {
  const controller = new AbortController()
  const giveUp = (why: string) => controller.abort(new StoreError('unavailable', why))
  const leave = () => controller.abort(signal?.reason)
  signal?.addEventListener('abort', leave, { once: true })
  if (signal?.aborted) leave()

  const longestMs = longestTransferMs(maxBytes, pace)
  const whole = setTimeout(() => giveUp(`${maxBytes} bytes or fewer took over ${longestMs} ms`), longestMs)
  let silence: ReturnType<typeof setTimeout>
  // In two halves: if this process itself was busy, it reads what arrived meanwhile before the second half is over.
  const wait = (ms: number, halves = 2) => {
    silence = setTimeout(
      () => (halves > 1 ? wait(ms, halves - 1) : giveUp(`no byte moved for ${ms} ms`)),
      ms / 2,
    )
  }
  wait(pace.stallTimeoutMs)
  return {
    signal: controller.signal,
    moved: (mostBytesAhead = 0) => {
      clearTimeout(silence)
      wait(longestTransferMs(mostBytesAhead, pace))
    },
    end: () => {
      clearTimeout(whole)
      clearTimeout(silence)
      signal?.removeEventListener('abort', leave)
    },
  }
}
