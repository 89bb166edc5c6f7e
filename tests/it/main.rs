mod exact_kernel;
mod slow_exact;
