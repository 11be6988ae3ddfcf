/** Items of the golden set that are put together out of short lists. */
import { item, type Item, type Message, type Pair } from './item.ts';

const PEOPLE = ['Ana', 'Luis', 'Marta', 'Pedro', 'Lucía', 'Hugo', 'Sara', 'Iván', 'Elena', 'Mario'];
const CITIES = [
  'Madrid',
  'Lima',
  'Oslo',
  'Porto',
  'Quito',
  'Bilbao',
  'Dublin',
  'Turin',
  'Boston',
  'Cordoba',
];
const ORDERS = [48213, 77120, 90554, 31007, 65432, 11899, 20461, 58826, 40917, 73355];
const AGES = [31, 24, 45, 52, 19, 38, 67, 29, 73, 41];
const THINGS: readonly (readonly [string, string])[] = [
  ['lamp', 'lámpara'],
  ['table', 'mesa'],
  ['shirt', 'camisa'],
  ['camera', 'cámara'],
  ['clock', 'reloj'],
  ['bicycle', 'bicicleta'],
  ['umbrella', 'paraguas'],
  ['guitar', 'guitarra'],
  ['mirror', 'espejo'],
  ['backpack', 'mochila'],
];

/** One person, and what else belongs to the same place of the lists. */
interface Who {
  readonly name: string;
  readonly city: string;
  readonly order: number;
  readonly age: number;
  readonly thing: string;
  readonly cosa: string;
  readonly mail: string;
}

const everybody: readonly Who[] = PEOPLE.map((name, at) => ({
  name,
  city: CITIES[at]!,
  order: ORDERS[at]!,
  age: AGES[at]!,
  thing: THINGS[at]![0],
  cosa: THINGS[at]![1],
  mail: `${name.toLowerCase().replaceAll('í', 'i').replaceAll('á', 'a')}${AGES[at]!}@example.org`,
}));

type Make = (who: Who) => Pair;

const forEverybody = (makers: readonly Make[]): readonly Pair[] =>
  makers.flatMap((make) => everybody.map(make));

const only = (what: string, message: string): string =>
  `Write only the ${what} in this message.\n\n"${message}"`;
const solo = (que: string, mensaje: string): string =>
  `Escribe solo ${que} de este mensaje.\n\n"${mensaje}"`;

/** "Only" allows a short sentence around it, and not the message itself. */
const MOST_WORDS = 8;
const short = ({ messages, accept }: Item): Item => ({
  messages,
  accept: { ...accept, mostWords: MOST_WORDS },
});

export const extractions = (): readonly Pair[] =>
  found().map(({ en, es }) => ({ en: short(en), es: short(es) }));

const found = (): readonly Pair[] =>
  forEverybody([
    ({ name, order, thing, cosa }) => ({
      en: item(only('order number', `I am ${name}. Where is my order ${order}, the ${thing}?`), {
        number: order,
        noneOf: ['where'],
      }),
      es: item(
        solo('el número de pedido', `Soy ${name}. ¿Dónde está mi pedido ${order}, ${cosa}?`),
        { number: order, noneOf: ['dónde'] },
      ),
    }),
    ({ name, mail, thing, cosa }) => ({
      en: item(
        only('e-mail address', `Please write to ${mail} about the ${thing}. Thanks, ${name}`),
        { patterns: [literally(mail)] },
      ),
      es: item(
        solo('la dirección de correo', `Escriban a ${mail} sobre ${cosa}. Gracias, ${name}`),
        { patterns: [literally(mail)] },
      ),
    }),
    ({ name, city, age }) => ({
      en: item(only('city', `${name}, aged ${age}, has moved to ${city} with two children.`), {
        anyOf: [city],
        noneOf: [name],
      }),
      es: item(
        solo('la ciudad', `${name}, de ${age} años, se ha mudado a ${city} con dos hijos.`),
        {
          anyOf: [city],
          noneOf: [name],
        },
      ),
    }),
    ({ name, age, thing, cosa }) => ({
      en: item(only('price', `The ${thing} costs ${age} euros, and ${name} wants it.`), {
        number: age,
        noneOf: [name],
      }),
      es: item(solo('el precio', `El precio de ${cosa} es de ${age} euros, y ${name} lo quiere.`), {
        number: age,
        noneOf: [name],
      }),
    }),
    ({ name, thing, cosa, city }) => ({
      en: item(only('name of the person', `In ${city} somebody called ${name} found a ${thing}.`), {
        anyOf: [name],
        noneOf: [city, thing],
      }),
      es: item(
        solo(
          'el nombre de la persona',
          `En ${city} alguien llamado ${name} encontró algo: ${cosa}.`,
        ),
        { anyOf: [name], noneOf: [city, cosa] },
      ),
    }),
  ]);

const literally = (text: string): string => text.replaceAll('.', String.raw`\.`);

const asJson = (keys: readonly string[], text: string): string =>
  `Write JSON with the keys ${keys.map((key) => `"${key}"`).join(' and ')} for this text. Answer with JSON only.\n\n${text}`;
const enJson = (claves: readonly string[], texto: string): string =>
  `Escribe JSON con las claves ${claves.map((clave) => `"${clave}"`).join(' y ')} para este texto. Responde solo con JSON.\n\n${texto}`;

export const jsonTasks = (): readonly Pair[] =>
  forEverybody([
    ({ name, age }) => ({
      en: item(asJson(['name', 'age'], `${name} is ${age} years old.`), { json: { name, age } }),
      es: item(enJson(['nombre', 'edad'], `${name} tiene ${age} años.`), {
        json: { nombre: name, edad: age },
      }),
    }),
    ({ name, city }) => ({
      en: item(asJson(['name', 'city'], `${name} lives in ${city}.`), { json: { name, city } }),
      es: item(enJson(['nombre', 'ciudad'], `${name} vive en ${city}.`), {
        json: { nombre: name, ciudad: city },
      }),
    }),
    ({ thing, cosa, age }) => ({
      en: item(asJson(['product', 'price'], `The ${thing} costs ${age} euros.`), {
        json: { product: thing, price: age },
      }),
      es: item(enJson(['producto', 'precio'], `Producto: ${cosa}, a ${age} euros.`), {
        json: { producto: cosa, precio: age },
      }),
    }),
    ({ order, city }) => ({
      en: item(asJson(['order', 'city'], `Order ${order} goes to ${city}.`), {
        json: { order, city },
      }),
      es: item(enJson(['pedido', 'ciudad'], `El pedido ${order} va a ${city}.`), {
        json: { pedido: order, ciudad: city },
      }),
    }),
    ({ name, mail }) => ({
      en: item(asJson(['name', 'email'], `Contact: ${name}, ${mail}.`), {
        json: { name, email: mail },
      }),
      es: item(enJson(['nombre', 'correo'], `Contacto: ${name}, ${mail}.`), {
        json: { nombre: name, correo: mail },
      }),
    }),
  ]);

const talk = (said: readonly [string, string, string], accept: Item['accept']): Item => ({
  messages: said.map((content, at): Message => ({
    role: at === 1 ? 'assistant' : 'user',
    content,
  })),
  accept,
});

export const conversations = (): readonly Pair[] =>
  forEverybody([
    ({ name, city }) => ({
      en: talk(
        [`My name is ${name} and I live in ${city}.`, 'Nice to meet you!', 'Where do I live?'],
        {
          anyOf: [city],
        },
      ),
      es: talk([`Me llamo ${name} y vivo en ${city}.`, '¡Mucho gusto!', '¿Dónde vivo?'], {
        anyOf: [city],
      }),
    }),
    ({ name, age }) => ({
      en: talk([`I am ${name}, and I am ${age} years old.`, 'Hello!', 'How old am I?'], {
        number: age,
      }),
      es: talk([`Soy ${name} y tengo ${age} años.`, '¡Hola!', '¿Cuántos años tengo?'], {
        number: age,
      }),
    }),
    ({ thing, cosa, city }) => ({
      en: talk([`I lost my ${thing} in ${city}.`, 'I am sorry to hear that.', 'What did I lose?'], {
        anyOf: [thing],
      }),
      es: talk([`En ${city} perdí esto: ${cosa}.`, 'Lo siento mucho.', '¿Qué perdí?'], {
        anyOf: [cosa],
      }),
    }),
    ({ order, thing, cosa }) => ({
      en: talk(
        [
          `My order is number ${order}, a ${thing}.`,
          'Thank you.',
          'What is the number of my order?',
        ],
        { number: order },
      ),
      es: talk(
        [`Mi pedido es el número ${order}: ${cosa}.`, 'Gracias.', '¿Qué número tiene mi pedido?'],
        { number: order },
      ),
    }),
    ({ name, city, thing, cosa }) => ({
      en: talk(
        [`${name} from ${city} bought a ${thing}.`, 'Good to know.', `Who bought the ${thing}?`],
        { anyOf: [name] },
      ),
      es: talk([`${name}, de ${city}, compró algo: ${cosa}.`, 'Entendido.', '¿Quién lo compró?'], {
        anyOf: [name],
      }),
    }),
  ]);
