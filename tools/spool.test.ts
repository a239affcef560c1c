import { expect } from 'chai'
import { openSpool } from './spool.ts'

describe('the spool', () => {
  it('prints the oldest track at once, and the others when those before them have ended', () => {
    let printed = ''
    const open = openSpool((text) => (printed += text))
    const [first, second, third] = [open(), open(), open()]
    third.write('c1 ')
    first.write('a1 ')
    second.write('b1 ')
    expect(printed).to.equal('a1 ')

    second.end()
    first.write('a2 ')
    expect(printed).to.equal('a1 a2 ')
    first.end()
    expect(printed).to.equal('a1 a2 b1 c1 ')
    third.write('c2 ')
    const fourth = open()
    fourth.write('d1 ')
    expect(printed).to.equal('a1 a2 b1 c1 c2 ')
    third.end()
    expect(printed).to.equal('a1 a2 b1 c1 c2 d1 ')
    fourth.end()
  })
})
