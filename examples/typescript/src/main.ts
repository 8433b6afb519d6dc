import { offers } from "./browse.js";
import { connect } from "./client.js";
import { buy, look, watch } from "./order.js";

const url = process.env["WHARF_URL"] ?? "http://127.0.0.1:8080";

const [offer] = await offers(url);
if (!offer) {
  throw new Error("the shop has nothing to sell");
}
console.log(`buying ${offer.title} for ${offer.price}`);

const { client, close } = connect(url);
try {
  const placed = await buy(client, offer.variant);
  console.log(`placed ${placed.name}`);
  await watch(client, placed, console.log);
  console.log(await look(client, placed));
} finally {
  await close();
}
