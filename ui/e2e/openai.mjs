// OpenAI's own client library at the gateway: what it makes of each answer, as lines of JSON.
// Arguments: the server's address and a token. Started by the server's tests.
import OpenAI from 'openai';

const [, , address, token] = process.argv;
const client = new OpenAI({
  baseURL: `${address}/v1`,
  apiKey: token,
  maxRetries: 0,
  defaultHeaders: { 'begrip-data-class': 'general' },
});
const say = (name, value) => console.log(JSON.stringify({ name, value }));
const question = {
  model: 'groot',
  messages: [{ role: 'user', content: 'Begrip: vonnis' }],
};

const names = [];
for await (const model of client.models.list()) names.push(model.id);
say('models', names);

const plain = await client.chat.completions.create(question);
say('plain', {
  text: plain.choices[0].message.content,
  finish: plain.choices[0].finish_reason,
  tokens: plain.usage.total_tokens,
});

let text = '';
let pieces = 0;
let tokens = 0;
const stream = await client.chat.completions.create({
  ...question,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  const piece = chunk.choices[0]?.delta.content;
  if (piece) {
    text += piece;
    pieces += 1;
  }
  tokens = chunk.usage?.total_tokens ?? tokens;
}
say('stream', { text, pieces, tokens });

// Its default asks for base64.
const made = await client.embeddings.create({ model: 'vector', input: ['een', 'twee'] });
say(
  'vectors',
  made.data.map((one) => one.embedding.length),
);

for (const [name, wrong] of [
  ['model', { ...question, model: 'onbekend' }],
  ['tools', { ...question, tools: [{ type: 'function', function: { name: 'x' } }] }],
]) {
  try {
    await client.chat.completions.create(wrong);
    say(name, 'no error');
  } catch (error) {
    say(name, { status: error.status, code: error.code, kind: error.constructor.name });
  }
}

// As it comes, with its own retries: it obeys what the server says of them.
const usual = new OpenAI({
  baseURL: `${address}/v1`,
  apiKey: token,
  defaultHeaders: { 'begrip-data-class': 'general' },
});
for (const name of ['bezet', 'stuk']) {
  try {
    await usual.chat.completions.create({
      ...question,
      messages: [{ role: 'user', content: `Begrip: ${name}` }],
    });
    say(name, 'no error');
  } catch (error) {
    say(name, { status: error.status, after: error.headers.get('retry-after') });
  }
}
