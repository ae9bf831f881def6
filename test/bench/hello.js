import { render, Text } from 'ink'
import { createElement } from 'react'

// What an Ink program costs before it does anything: unbundled, as its first tutorial has it.
render(createElement(Text, null, 'hello'))
