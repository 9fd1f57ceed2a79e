using TorchSharp;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Torch.Modules;

/// <summary>
/// Whether a module in evaluation mode gives a row the same logits alone and among other rows. If it does not, factors depend on the batch size, and on
/// which rows happen to stand side by side.
/// </summary>
internal static class RowsAlone
{
    private const double Tolerance = 1e-3;

    /// <summary>
    /// The first layer whose output for a row depends on the other rows; "" if it is none of the layers, <see langword="null"/> if nothing does.
    /// </summary>
    /// <param name="module">The module, in evaluation mode.</param>
    /// <param name="rows">At least 2 different rows.</param>
    /// <param name="logits">Its logits of the rows.</param>
    public static string? FindOffender(Module<torch.Tensor, torch.Tensor> module, torch.Tensor rows, torch.Tensor logits)
    {
        using var scope = torch.NewDisposeScope();
        if (AreSame(logits, module.call(rows.narrow(0, 0, 1))))
            return null;
        var among = Outputs(module, rows);
        var alone = Outputs(module, rows.narrow(0, 0, 1));
        return among.Zip(alone).FirstOrDefault(pair => pair.First.Layer == pair.Second.Layer && HasRows(pair.First.Output, rows.shape[0])
            && HasRows(pair.Second.Output, 1) && !AreSame(pair.First.Output, pair.Second.Output)).First.Layer ?? "";

        static bool HasRows(torch.Tensor output, long count) => output.dim() > 0 && output.shape[0] == count;
    }

    private static bool AreSame(torch.Tensor among, torch.Tensor alone)
    {
        var (first, second) = (among.narrow(0, 0, 1).to(torch.float64), alone.to(torch.float64));
        if (!first.shape.SequenceEqual(second.shape))
            return false;
        var largest = first.abs().max().item<double>();
        return !double.IsFinite(largest) || (first - second).abs().max().item<double>() <= Tolerance * largest + float.Epsilon;
    }

    // In the order in which the layers end: the inner ones first.
    private static List<(string Layer, torch.Tensor Output)> Outputs(Module<torch.Tensor, torch.Tensor> module, torch.Tensor rows)
    {
        List<(string Layer, torch.Tensor Output)> outputs = [];
        List<Action> removals = [];
        foreach (var (name, child) in module.named_modules())
        {
            if (child is not Module<torch.Tensor, torch.Tensor> layer || name.Length == 0)
                continue;
            var hook = layer.register_forward_hook((_, _, output) =>
            {
                outputs.Add((name, output.detach().clone()));
                return output;
            });
            removals.Add(hook.remove);
        }
        try
        {
            module.call(rows);
        }
        finally
        {
            removals.ForEach(remove => remove());
        }
        return outputs;
    }
}
