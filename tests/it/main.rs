mod cli;
mod exact_kernel;
mod publishing;
mod slow_exact;
