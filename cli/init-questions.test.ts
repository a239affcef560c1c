import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { expect } from 'chai'
import { CliError } from './failure.ts'
import { completeInit, type GivenOptions } from './init-questions.ts'

/** Somebody at a terminal who answers what is asked, in turn, and leaves after the last answer. */
function person(answers: string[]) {
  const [input, output] = [new PassThrough(), new PassThrough()]
  const left = [...answers]
  let said = ''
  output.on('data', (part: Buffer) => {
    said += part.toString()
    if (!/[?\]] $/.test(said)) return
    const answer = left.shift()
    if (answer === undefined) input.end()
    else input.write(`${answer}\n`)
  })
  return { terminal: { input, output }, said: () => said, left }
}

describe('what assay task init asks', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'assay-asks-'))
    await writeFile(join(folder, 'people.csv'), 'age,town,state\n41,Ulm,ill\n29,Kiel,well\n35,Ulm,well\n')
    await writeFile(join(folder, 'book.txt'), 'abba abba')
  })
  after(() => rm(folder, { recursive: true }))

  const asked = async (given: Partial<GivenOptions>, answers: string[]) => {
    const { terminal, said, left } = person(answers)
    const options = await completeInit({ shards: 3, ...given }, terminal)
    expect(left, 'answers that nobody wanted').to.deep.equal([])
    return { options, said: said() }
  }
  const refusal = (made: Promise<unknown>) =>
    made.then(
      () => expect.fail('it was completed'),
      (error) => {
        expect(error).to.be.instanceOf(CliError)
        return `${error.message} ${error.fix}`
      },
    )

  it('is all that is missing, again where an answer is of no use', async () => {
    const [table, out] = [join(folder, 'people.csv'), join(folder, 'mine')]
    const { options, said } = await asked({ seed: 's' }, [
      join(folder, 'nothing.csv'),
      table,
      'colour',
      'state',
      'forest',
      'mlp:8',
      folder,
      out,
    ])
    expect(options).to.deep.equal({
      shards: 3,
      seed: 's',
      from: table,
      targets: ['state'],
      model: 'mlp:8',
      out,
    })
    for (const sentence of [
      "nothing.csv can't be read",
      'people.csv: 3 rows, 3 columns',
      'There is no "colour". One of: age, town, state.',
      'Which model? [mlp:64,32]',
      'there is no model "forest"',
      'is not empty. Give --out a new folder',
    ])
      expect(said).to.include(sentence)
  })

  it('is no target of texts, and no answer takes the usual model', async () => {
    const from = join(folder, 'book.txt')
    const { options } = await asked({}, [from, '', join(folder, 'book')])
    expect(options).to.include({ from, model: 'transformer:layers=2,width=64' })
    expect(options.targets).to.deep.equal([])
  })

  it('is what options leave open, and nothing where they say all', async () => {
    const [from, out] = [join(folder, 'people.csv'), join(folder, 'mine')]
    const model = 'logistic'
    expect((await asked({ from, out, model }, ['state'])).options.targets).to.deep.equal(['state'])
    const { options, said } = await asked({ from, out, targets: ['age'] }, [])
    expect(options).to.deep.equal({ shards: 3, from, out, targets: ['age'] })
    expect(said).to.equal('')
  })

  it('takes answers that are there before their questions, all of them at once', async () => {
    const answers = [join(folder, 'people.csv'), 'colour', 'state', 'mlp:8', join(folder, 'mine')]
    for (const leave of [() => {}, (input: PassThrough) => input.end()]) {
      const [input, output] = [new PassThrough(), new PassThrough()]
      input.write(answers.map((answer) => `${answer}\n`).join(''))
      leave(input)
      const options = await completeInit({ shards: 3 }, { input, output })
      expect(options).to.include({ from: answers[0], model: 'mlp:8', out: answers[4] })
      expect(options.targets).to.deep.equal(['state'])
    }
  })

  it('ends with the answers, and says which one is missing', async () => {
    const { terminal } = person([join(folder, 'people.csv')])
    expect(await refusal(completeInit({ shards: 3 }, terminal))).to.equal(
      'There was no answer to "Which of these is to be predicted?" Give the answers as options: --help tells them.',
    )
  })

  it('is nothing without a terminal: there every answer is an option', async () => {
    const out = join(folder, 'mine')
    expect(await refusal(completeInit({ shards: 3, out }, undefined))).to.equal(
      '--from <path> is missing. Without a terminal every answer is an option.',
    )
    const from = join(folder, 'people.csv')
    expect(await refusal(completeInit({ shards: 3, from }, undefined))).to.include(
      '--out <folder> is missing',
    )
    expect(await completeInit({ shards: 3, from, out }, undefined)).to.deep.equal({ shards: 3, from, out })
  })
})
