import { expect } from 'chai'
import { UsageError } from '../command/usage-error.ts'
import { LAB_USAGE, parseLabOptions } from './options.ts'

const parse = (line: string) => parseLabOptions(line.split(' ').filter((word) => word !== ''))

describe("the lab's options", () => {
  it('have defaults', () => {
    expect(parse('')).to.deep.equal({
      run: {
        attack: 'none',
        fraction: 0.2,
        partition: 'dirichlet:0.5',
        dataset: 'digits',
        rule: 'ours',
        contributors: 20,
        rounds: 20,
        steps: 60,
        windows: 6,
        seed: 1,
        auditAll: false,
        nearCopies: false,
      },
      mode: 'run',
      jsonFile: undefined,
      resultsFile: 'lab-results.jsonl',
      replays: 0,
    })
  })

  it('are read, or answered with help', () => {
    const options = parse('--attack alie --fraction 0.4 --partition iid --steps 400 --seed 7 --json x.json')
    expect(options?.run).to.deep.include({
      attack: 'alie',
      fraction: 0.4,
      partition: 'iid',
      steps: 400,
      seed: 7,
    })
    expect(options?.jsonFile).to.equal('x.json')
    expect(parse('--sweep --results x.jsonl')).to.deep.include({ mode: 'sweep', resultsFile: 'x.jsonl' })
    expect(parse('--replays 1000')).to.deep.include({ mode: 'replays', replays: 1_000 })
    expect(parse('--help')).to.equal(undefined)
    expect(LAB_USAGE).to.include('sleeper-backdoor')
  })

  it('say what is wrong, within what limits, and how to mend it', () => {
    const wrong: [string, RegExp][] = [
      ['--attack hug', /no attack "hug": use none, sign-flip, /],
      ['--dataset cats', /no dataset "cats": use digits, clothes, table/],
      ['--rule best', /no rule "best": use ours, fedavg/],
      ['--fraction 0.9', /--fraction is "0.9", but must be a number from 0 to 0.6, such as 0.2/],
      ['--partition skewed', /the partition is "skewed": use iid, or dirichlet:/],
      ['--partition dirichlet:0', /a number from 0.01 to 100/],
      ['--rounds 0', /--rounds is "0", but must be a whole number from 1 to 200/],
      ['--steps 11', /11 steps have no windows of 3 to 10 steps: use a multiple of 3, such as 9/],
      ['--contributors many', /--contributors is "many"/],
      ['--full --sweep', /--full and --sweep are two things: give one of them/],
      ['--replays none', /--replays is "none", but must be a whole number from 1 to/],
      ['--colour red', /Unknown option '--colour'/],
    ]
    for (const [line, message] of wrong) expect(() => parse(line), line).to.throw(UsageError, message)
  })
})
