using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>Selects parameters by a value for each of them.</summary>
internal static class ParameterMask
{
    /// <summary>Marks the largest values of all tensors together.</summary>
    /// <param name="values">Values of the parameters, in tensors of the parameters' shapes.</param>
    /// <param name="share">Share of the values to mark, rounded to whole values.</param>
    /// <returns>Boolean tensors of the same shapes.</returns>
    public static IReadOnlyList<torch.Tensor> OfLargest(IReadOnlyList<torch.Tensor> values, double share)
    {
        using var scope = torch.NewDisposeScope();
        var all = torch.cat([.. values.Select(value => value.flatten())]);
        var count = (long)Math.Round(share * all.numel());
        var order = all.sort(0, true, true).Indices;
        var mask = torch.zeros_like(all, dtype: torch.ScalarType.Bool);
        mask.IndexFillInPlace(0, order[..(int)count], true);
        return
        [
            .. TensorParts.Of(mask, values.Select(value => value.numel()))
                .Zip(values, (part, value) => part.reshape(value.shape).clone().MoveToOuterDisposeScope()),
        ];
    }
}
