using TorchSharp;

namespace Unlearn.MLNet.Unlearners.ParameterUpdates;

internal static class EkfacPreconditioner
{
    public static IReadOnlyList<torch.Tensor> Solve(UnlearningRun run, IReadOnlyList<torch.Tensor> gradient, double relativeDamping, double decay) => throw new NotSupportedException();
}
