using TorchSharp;
using TorchSharp.Modules;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Unlearners.Steps;

/// <summary>
/// Forward passes in training mode, with batch normalization in evaluation mode. Rows to forget must not enter its running statistics, and a single
/// row has no batch statistics.
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
