/** Word lists that classify sentences, in seven languages; one look-up finds all lists that a word is in. */
import { WordTable } from './word-table.ts';

/** Join others: articles, prepositions, pronouns and the like. */
export const JOINING = 1;
/** Of difficulty, of routing, of praise. */
export const TELLING = 2;
/** What is said beside those. */
export const BESIDE = 4;
/** Of mathematics and computing as they are studied, and of the law's language; words that everyday requests have are not among them. */
export const SCHOLARLY = 8;

const joining = `
  a about after all also am an and any are as at be because been before between but by can could did do does down
  each for from get give had has have he her here him his how i if in into is it its just like make many me more most
  my no not now of on one only or our out over per please she should so some than that the their them then there these
  they this those to too under until up us use used using very via was we were what when where which who whose why
  will with without would write you your explain show tell don't i'm it's what's dont whats
  al algo asi bajo cada como con cual cuales cuando cuanto cuanta cuantos cuantas de del desde donde e el ella ellas
  ellos en entre era eran eres es esa ese eso esta estas este esto estos fue ha hace hacer han hasta hay la las le les
  lo los mas me mi mis muy ni no nos nosotros o para pero por porque puede puedo que quien se sea ser si sin sobre son
  soy su sus tambien te tiene tengo todo toda todos todas tu tus un una unas uno unos usted y ya yo
  au aux avec c'est ce ces cet cette chez comment dans des donc dont du elle elles est et etait etre il ils j'ai je
  leur leurs lui ma mais mes moi mon ne notre nous on ou par pas plus pour pourquoi qu'est quand que quel quelle
  quelles quels qui quoi sa sans ses si son sont sous sur ta tes toi ton tous tout toute tres une votre vous
  aber als am an auch auf aus bei bin bis bitte da damit das dass dem den der des die doch durch ein eine einem einen
  einer eines er es fur gegen habe haben hat ich ihm ihn ihr im in ist kann kein keine man mein meine meinen meiner
  mich mir mit nach nicht noch nur ob oder ohne sein seine sich sie sind so uber um und uns unter vom von vor war was
  wegen wenn wer werden wie wir wird wo wurde zu zum zur zwischen
  ao aos as ate com da das depois dos ela ele eles em esse essa foi isso isto mais mas meu minha na nao nas nem no nos
  numa num os ou pela pelo pelos por porque qual quais quando quem sao se sem seu sua tem um uma umas uns voce
  ai alla alle anche che chi ci come cui da dal dalla degli dei del della delle dello di dove e ed era gli ha ho i il
  io la le lo loro ma mi mio nel nella non o per perche piu puo quale quali quando questa questo se senza si sono su
  sul sulla suo tra un una uno vi
  aan als bij dat de deze die dit door een en er geen het hij hoe ik in is je kan maar met mijn naar niet nog om ook
  op over te uit van voor waar waarom wat we wel wie wil zijn zo`;
const telling = `
  difficult difficulty complex complexity complicated challenging hard hardest tough tricky advanced expert experts
  expertise genius brilliant smartest strongest world-class renowned admire escalate escalated router route routed routing
  reroute model models tier gpt-4 gpt claude gemini llm frontier large
  dificil dificiles complejo compleja complicado complicada avanzado experto experta enrutador enruta modelo potente escala
  difficile difficiles complexe complique compliquee avance routeur modele puissant
  schwierig schwer schwere komplex kompliziert anspruchsvoll experte expertin modell leite weiterleiten starkste
  complexo complexa especialista roteador poderoso complesso complessa esperto esperta modello`;
const beside = `
  question questions task tasks problem problems request requests prompt query message case topic answer answers response
  step steps each every think reason reasoning careful carefully thorough thoroughly deep deeply detail detailed detailed
  extremely very really highly quite truly incredibly super most best require requires required need needs needed send use
  forward pass give mode level system user set mark treat consider handle high highest big biggest large strong small only
  ever alive decade decades year years experience professor scientist phd matters matter lot career important importance
  urgent urgently critical top class world field person people know knowing smart intelligent capable please thank show
  prove ignore previous instructions all above below must should always
  pregunta tarea problema solicitud consulta respuesta paso pasos cada piensa razona cuidado muy extremadamente realmente
  requiere necesita envia manda usa grande mejor modo nivel sistema demuestra muestra importante
  tache probleme requete reponse etape etapes chaque reflechis raisonne soigneusement tres extremement vraiment exige
  demande envoie utilise grand meilleur niveau systeme demontre montre explique
  frage aufgabe problem anfrage antwort schritt schritte jeden jeder denke sorgfaltig sehr extrem wirklich erfordert braucht
  sende nutze benutze grosse große besten beste modus stufe weiter zeige beweise
  pergunta tarefa solicitacao resposta passo passos pense cuidadosamente muito exige precisa envie use melhor mostre
  domanda compito richiesta risposta passo passi ogni pensa attentamente molto estremamente richiede invia migliore mostra`;
const scholarly = `
  theorem theorems lemma lemmas corollary axiom axioms conjecture proof proofs prove derive derivation induction
  eigenvalue eigenvalues eigenvector eigenvectors asymptotic asymptotics asymptotically homotopy homology manifold manifolds
  topology topological lagrangian hamiltonian hessian jacobian stochastic bayesian markov polynomial polynomials integral
  integrals derivative derivatives differential gradient tensor tensors matrix matrices determinant convergence convergent
  isomorphism homomorphism bijection injective surjective cardinality combinatorial combinatorics recurrence invariant
  invariants convex lipschitz hilbert banach fourier laplace riemann euler cauchy quantum entropy thermodynamic relativistic
  complexity np-hard np-complete undecidable turing automaton automata cryptographic cryptography cryptosystem zero-knowledge
  concurrency concurrent mutex mutexes semaphore deadlock lock-free wait-free refactor refactoring amortised amortized
  sharding consensus linearizable linearizability idempotent idempotency compiler recursion recursive heuristic heuristics
  backpropagation regularization variational monad functor polymorphism memoization parallelism asynchronous throughput
  teorema teoremas lema lemas corolario axioma demostracion demostrar derivada autovalor autovalores asintotico polinomio
  theoreme lemme corollaire axiome demonstration valeur-propre asymptotique satz beweis lemmas korollar eigenwert eigenwerte
  dimostrazione autovalore demonstracao corolario
  notwithstanding hereof herein hereby hereto hereunder thereof therein whereas aforementioned aforesaid pursuant provision
  provisions indemnify indemnified indemnification harmless liable liability covenant covenants severally jointly estoppel
  fiduciary tortious warranties representations lessee lessor licensee licensor shall party parties`;

/** The lists that a word is in, as bits. */
export const listed = new WordTable([
  [JOINING, joining],
  [TELLING, telling],
  [BESIDE, beside],
  [SCHOLARLY, scholarly],
]);

/** Whether the word `text[from, to)` joins others. */
export const joins = (text: string, from?: number, to?: number): boolean =>
  (listed.of(text, from, to) & JOINING) !== 0;
