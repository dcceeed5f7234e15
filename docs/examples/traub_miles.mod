: Sodium, potassium and leak of COBAHH: Traub and Miles's kinetics, shifted by vt.
NEURON {
    SUFFIX traubmiles
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el, vt
}
UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}
PARAMETER {
    gnabar = 0.1 (S/cm2)
    gkbar = 0.03 (S/cm2)
    gl = 5e-5 (S/cm2)
    el = -60 (mV)
    vt = -63 (mV)
}
ASSIGNED {
    v (mV)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    il (mA/cm2)
    am (/ms) bm (/ms) ah (/ms) bh (/ms) an (/ms) bn (/ms)
}
STATE { m h n }
INITIAL {
    m = 0
    h = 0
    n = 0
}
BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gnabar*m^3*h*(v - ena)
    ik = gkbar*n^4*(v - ek)
    il = gl*(v - el)
}
DERIVATIVE gates {
    rates(v)
    m' = am*(1 - m) - bm*m
    h' = ah*(1 - h) - bh*h
    n' = an*(1 - n) - bn*n
}
PROCEDURE rates(v (mV)) {
    LOCAL u
    u = v - vt
    am = 1.28/exprel((13 - u)/4)
    bm = 1.4/exprel((u - 40)/5)
    ah = 0.128*exp((17 - u)/18)
    bh = 4/(1 + exp((40 - u)/5))
    an = 0.16/exprel((15 - u)/5)
    bn = 0.5*exp((10 - u)/40)
}
FUNCTION exprel(x) {
    if (fabs(x) < 1e-6) {
        exprel = 1 + x/2
    } else {
        exprel = (exp(x) - 1)/x
    }
}
