import type { Progress } from './federation.ts'

/** Words for each phase; phases that pass within a block are left out. */
const PHASE_WORDS: Record<string, string> = {
  Submit: 'train and submit',
  SealDue: 'seal',
  Open: 'open',
  Commit: 'verify and commit scores',
  Reveal: 'reveal',
  // With enough reveals the cohorts are settled now; otherwise another committee commits.
  RedrawCommit: 'settle',
  RedrawReveal: 'redraw',
  CohortVote: 'vote aggregates',
  RootVote: 'vote model',
  FinalizeDue: 'finalize',
}

/** Prints each phase as it comes, a line a round, on stderr. */
export function linePerRound(rounds: number): Progress & { end(): void } {
  const startedAt = performance.now()
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(8)
  let current = 0
  let isOpen = false
  const write = (text: string) => process.stderr.write(text)
  const endLine = () => {
    if (isOpen) write('\n')
    isOpen = false
  }
  return {
    step(sentence) {
      endLine()
      write(`${seconds()}  ${sentence}\n`)
    },
    phase(round, phase) {
      if (round !== current) {
        endLine()
        write(`${seconds()}  round ${round}/${rounds}:`)
        current = round
        isOpen = true
      }
      const word = PHASE_WORDS[phase]
      if (word !== undefined && isOpen) write(` ${word} ›`)
      else if (phase === 'Idle' && isOpen) write(' final')
    },
    end: endLine,
  }
}
