"""Formulas that scenes of the paper share, for the pages that tell them."""

LOW_RANK = (
    "D_LR: 0 where features are nothing but what the answer needs; B is a basis of the answers, Φ are the features",
    r"D_{LR} = 1 - \frac{\left\| B^T \Phi \right\|_F^2}{\sqrt{r} \left\| \Phi^T \Phi \right\|_F}",
)
