"""Made-up furniture: kitchens and the like, each with its bill of materials, and orders for them without end."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from stubs.traffic.orders import Goods, Line, Order, Product

# product: (name, price, bill of materials)
FURNITURE: dict[str, tuple[str, float, dict[str, int]]] = {
    "kitchen-ladoga": ("Кухня «Ладога» / Ladoga kitchen", 184900.0, {
        "worktop-oak": 2, "cabinet-base-60": 5, "cabinet-wall-60": 4, "door-60-white": 9, "hinge-soft": 18,
        "drawer-60": 3, "runner-pair": 3, "handle-steel": 12, "leg-adjustable": 20, "screw-4x30": 120}),
    "kitchen-onega": ("Кухня «Онега» угловая / Onega corner kitchen", 239500.0, {
        "worktop-stone": 3, "cabinet-corner": 1, "cabinet-base-60": 6, "cabinet-wall-60": 5, "door-60-grey": 11,
        "hinge-soft": 22, "drawer-60": 4, "runner-pair": 4, "handle-black": 15, "leg-adjustable": 28,
        "screw-4x30": 160}),
    "wardrobe-neva": ("Шкаф-купе «Нева» / Neva sliding wardrobe", 68900.0, {
        "panel-side-240": 2, "door-sliding": 3, "rail-aluminium": 2, "shelf-80": 6, "rod-chrome": 2,
        "screw-4x30": 48}),
    "wardrobe-svir": ("Шкаф «Свирь» / Svir wardrobe", 41200.0, {
        "panel-side-200": 2, "door-hinged": 2, "hinge-soft": 6, "shelf-80": 4, "rod-chrome": 1, "screw-4x30": 36}),
    "table-volga": ("Стол обеденный «Волга» / Volga dining table", 27400.0, {
        "tabletop-oak": 1, "leg-table-74": 4, "bracket-corner": 4, "screw-6x60": 16}),
    "table-kama": ("Стол журнальный «Кама» / Kama coffee table", 9900.0, {
        "tabletop-round": 1, "leg-table-45": 3, "screw-6x60": 9}),
    "chair-oka": ("Стул «Ока» / Oka chair", 5600.0, {
        "seat-fabric": 1, "frame-chair": 1, "felt-pad": 4, "screw-4x30": 6}),
    "chair-desna": ("Кресло рабочее «Десна» / Desna office chair", 14300.0, {
        "seat-mesh": 1, "gas-lift": 1, "base-five-star": 1, "castor": 5, "armrest": 2}),
    "bed-angara": ("Кровать «Ангара» 160×200 / Angara bed", 38700.0, {
        "headboard-160": 1, "side-rail-200": 2, "slat-set-160": 1, "bracket-corner": 4, "leg-bed": 6}),
    "sofa-yenisei": ("Диван «Енисей» / Yenisei sofa", 74800.0, {
        "frame-sofa": 1, "cushion-seat": 3, "cushion-back": 3, "cover-grey": 1, "leg-sofa": 6}),
    "shelf-vetluga": ("Стеллаж «Ветлуга» / Vetluga bookcase", 12800.0, {
        "panel-side-180": 2, "shelf-80": 5, "back-panel": 1, "screw-4x30": 24}),
    "drawers-pechora": ("Комод «Печора» / Pechora chest of drawers", 19900.0, {
        "panel-side-90": 2, "drawer-60": 4, "runner-pair": 4, "handle-steel": 4, "screw-4x30": 32}),
}
STREETS = ("Тверская улица", "Невский проспект", "улица Ленина", "Садовая улица", "Baker Street", "High Street")
CITIES = ("Москва", "Санкт-Петербург", "Казань", "Екатеринбург", "Новосибирск", "Тверь")


def furniture(seed: int | None = None) -> Goods:
    """Return goods with endless orders; the same ones for the same seed."""
    products = {key: Product(key, name, parts) for key, (name, _, parts) in FURNITURE.items()}
    return Goods(products, _orders(random.Random(seed)))


def _orders(draw: random.Random) -> Iterator[Order]:
    while True:
        chosen = draw.sample(sorted(FURNITURE), draw.choice((1, 1, 1, 2, 2, 3)))
        lines = tuple(Line(key, _quantity(key, draw), FURNITURE[key][1]) for key in chosen)
        address = f"{draw.choice(CITIES)}, {draw.choice(STREETS)}, {draw.randint(1, 120)}"
        yield Order(
            f"M-{draw.getrandbits(40):010X}", f"{draw.randint(10000, 19999)}", address,
            datetime.now(UTC).isoformat().replace("+00:00", "Z"), lines)


def _quantity(product: str, draw: random.Random) -> int:
    return draw.randint(2, 6) if product.startswith("chair") else 1
