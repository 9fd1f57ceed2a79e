using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using TorchSharp;
using Unlearn.Transforms.Torch;

namespace Unlearn.Transforms.MLNetModels;

/// <summary>Linear models of ML.NET as a single linear layer in Torch: the same probabilities, and every factor in closed form.</summary>
/// <remarks>
/// A binary model w·x + b becomes a softmax over the logits 0 and a(w·x + b) + c, with a and c from its Platt calibrator. For logistic regression
/// and models without a calibrator, a = 1 and c = 0. Isotonic and naive calibrators are not linear, nor are the normalized probabilities of
/// one-versus-all models.
/// </remarks>
internal static class LinearModel
{
    /// <summary>The target of a linear model; <see langword="null"/> if the model is none.</summary>
    /// <param name="model">The parameters of a trained model.</param>
    public static TorchTarget? ToTarget(object model) => model switch
    {
        CalibratedModelParametersBase<LinearBinaryModelParameters, PlattCalibrator> calibrated =>
            Binary(calibrated.SubModel, -calibrated.Calibrator.Slope, -calibrated.Calibrator.Offset),
        LinearBinaryModelParameters linear => Binary(linear, 1, 0),
        LinearMulticlassModelParametersBase linear => Multiclass(linear),
        _ => null,
    };

    private static TorchTarget Binary(LinearBinaryModelParameters model, double slope, double offset)
    {
        float[] weights = [.. model.Weights];
        return Create([new float[weights.Length], [.. weights.Select(weight => (float)(slope * weight))]], [0, (float)(slope * model.Bias + offset)]);
    }

    private static TorchTarget Multiclass(LinearMulticlassModelParametersBase model)
    {
        VBuffer<float>[] weights = [];
        model.GetWeights(ref weights, out _);
        return Create([.. weights.Select(weight => weight.DenseValues().ToArray())], [.. model.GetBiases()]);
    }

    private static TorchTarget Create(float[][] weights, float[] biases)
    {
        using var scope = torch.NewDisposeScope();
        var architecture = TorchArchitecture.Mlp(weights[0].Length, weights.Length);
        var target = TorchTarget.Untrained(architecture, TorchDevice.Cpu, seed: 0);
        target.SetState(new()
        {
            ["output.weight"] = torch.tensor([.. weights.SelectMany(row => row)], [weights.Length, weights[0].Length]),
            ["output.bias"] = torch.tensor(biases),
        });
        return FiniteState.Require(target);
    }
}
