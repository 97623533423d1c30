import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitStatements } from '../src/migrations/split-statements.ts'

describe('cutting a migration into statements', () => {
  it.each([
    ['two statements', 'select 1; select 2;', ['select 1;', 'select 2;']],
    ['a last one without semicolon', 'select 1;\nselect 2', ['select 1;', 'select 2']],
    ['nothing but comments', '-- a; b\n/* c; d */', []],
    ['a semicolon in a string', `select 'a;b'; select 2`, [`select 'a;b';`, 'select 2']],
    ['a doubled quote', `select 'it''s;'; select 2`, [`select 'it''s;';`, 'select 2']],
    ['a backslash that protects a quote', `select e'\\';'; select 2`, [`select e'\\';';`, 'select 2']],
    ['a backslash that protects nothing', `select 'a\\'; select 2`, [`select 'a\\';`, 'select 2']],
    ['a quoted name', 'select ";" from a; select 2', ['select ";" from a;', 'select 2']],
    ['a function body', 'create function f() as $$ begin; end $$; select 2', ['create function f() as $$ begin; end $$;', 'select 2']],
    ['a named dollar quote around another', 'do $a$ $$;$$ $a$; select 2', ['do $a$ $$;$$ $a$;', 'select 2']],
    ['a parameter, which is no quote', 'select $1; select $2;', ['select $1;', 'select $2;']],
    ['comments within comments', '/* a /* b; */ c; */ select 1; select 2', ['/* a /* b; */ c; */ select 1;', 'select 2']],
    ['a comment after the semicolon', 'select 1; -- and; then\nselect 2;', ['select 1;', '-- and; then\nselect 2;']],
  ])('keeps %s as PostgreSQL reads it', (_, sql, statements) => {
    expect(splitStatements(sql)).toEqual(statements)
  })

  it('finds the same statements again, whatever stands in their strings and comments', () => {
    const piece = fc.constantFrom('1', `'a;b'`, `'it''s;'`, `e'\\';'`, '";"', '$$;$$', '$a$ $$;$$ $a$', '/* ; /* ; */ */', '-- ;\n', 'a$1')
    const statement = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => `select ${pieces.join(' ')} end;`)
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 8 }), (statements) => {
        expect(splitStatements(statements.join('\n'))).toEqual(statements)
      }),
      { seed: 11 },
    )
  })
})
