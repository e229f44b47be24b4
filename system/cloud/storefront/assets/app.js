// The shop's page: lists a category, or finds products by a word.
"use strict";

const CATEGORIES = ["audio", "books", "games", "garden", "home", "outdoor", "toys", "wardrobe"];
const products = document.getElementById("products");

function price(cents) {
  return new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" }).format(cents / 100);
}

function card(product) {
  const article = document.createElement("article");
  const picture = document.createElement("img");
  picture.src = `/images/${encodeURIComponent(product.id)}`;
  picture.alt = product.name;
  picture.loading = "lazy";
  const name = document.createElement("h2");
  name.textContent = product.name;
  const cost = document.createElement("p");
  cost.textContent = price(product.price);
  article.append(picture, name, cost);
  return article;
}

async function show(path) {
  const answer = await fetch(path);
  const body = await answer.json();
  if (answer.ok) {
    products.replaceChildren(...body.products.map(card));
  } else {
    products.textContent = body.message;
  }
}

for (const category of CATEGORIES) {
  const button = document.createElement("button");
  button.textContent = category;
  button.addEventListener("click", () => show(`/products?category=${category}&page=0`));
  document.getElementById("categories").append(button);
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const word = new FormData(event.target).get("q").trim();
  if (word) show(`/search?q=${encodeURIComponent(word)}`);
});

show(`/products?category=${CATEGORIES[0]}&page=0`);
