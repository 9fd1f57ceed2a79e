using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>
/// Forward passes in training mode, but for batch normalization: rows that are to be forgotten must not enter its running statistics, and a single
/// row has no statistics of its own.
/// </summary>
internal static class FrozenStatistics
{
    public static torch.Tensor Forward(TorchTarget model, torch.Tensor features)
    {
        var training = model.Module.modules().OfType<BatchNorm>().Where(layer => layer.training).ToList();
        training.ForEach(layer => layer.eval());
        try
        {
            return model.Forward(features);
        }
        finally
        {
            training.ForEach(layer => layer.train());
        }
    }
}
