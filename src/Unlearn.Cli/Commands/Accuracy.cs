using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.Cli.Commands;

/// <summary>How often a model is right.</summary>
internal static class Accuracy
{
    private const int Batch = 256;

    /// <summary>Share of rows whose class a model gives, in [0, 1].</summary>
    public static double Of(ITarget target, TrainingRows rows)
    {
        using var noGradient = torch.no_grad();
        var right = 0L;
        for (var start = 0; start < rows.Count; start += Batch)
        {
            using var scope = torch.NewDisposeScope();
            var count = Math.Min(Batch, rows.Count - start);
            right += target.Logits(rows.Features.narrow(0, start, count)).argmax(1).cpu().eq(rows.Labels.narrow(0, start, count)).sum().item<long>();
        }
        return (double)right / rows.Count;
    }
}
