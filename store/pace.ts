import { StoreError } from './blob-store.ts'

/** What is asked of a transfer: that it moves, and that it ends. */
export type Pace = {
  /** Longest time in which no byte moves, in milliseconds. */
  stallTimeoutMs: number
  /** Speed below which a whole transfer isn't waited for, in bytes a second. */
  slowestBytesPerSecond: number
}

/** A quarter of a megabit a second: the largest blob of 64 MiB gets 34 minutes. */
export const SLOWEST_BYTES_PER_SECOND = 32_768

/** Longest delay of a timer, in milliseconds. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Longest time that a transfer of so many bytes may take, in milliseconds: silence at first, then the slowest line. */
export function longestTransferMs(bytes: number, { stallTimeoutMs, slowestBytesPerSecond }: Pace): number {
  return Math.min(stallTimeoutMs + Math.ceil((bytes / slowestBytesPerSecond) * 1_000), LONGEST_TIMER_MS)
}

/** The clock beside one transfer. Whoever starts it has to end it. */
export type Watch = {
  /** Aborts when the transfer stands still, takes too long, or its reader gives it up. */
  signal: AbortSignal
  /** Says that bytes have moved. @param mostBytesAhead how many of them may still be on their way out of this machine */
  moved(mostBytesAhead?: number): void
  end(): void
}

/** Starts the clock of a transfer of at most `maxBytes`, which its reader may give up with a signal of its own. */
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
  // In two halves: a process that was busy itself reads what came meanwhile before the second half is over.
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
