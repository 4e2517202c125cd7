"""The portal as its users meet it, without a browser: who may open what, sign-in, forms sent twice."""
