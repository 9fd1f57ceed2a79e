using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Modules;

/// <summary>
/// Torch's layers initialize themselves from one generator that the whole process shares. Modules are therefore created one at a time,
/// each from a freshly seeded generator. The state of the generator is restored afterwards.
/// </summary>
internal static class SeededInitialization
{
    private static readonly Lock Gate = new();

    public static Module<torch.Tensor, torch.Tensor> Create(Func<Module<torch.Tensor, torch.Tensor>> factory, long seed)
    {
        TorchRuntime.EnsureAvailable();
        lock (Gate)
        {
            using var state = torch.get_rng_state();
            try
            {
                torch.manual_seed(seed);
                return factory();
            }
            finally
            {
                torch.set_rng_state(state);
            }
        }
    }
}
