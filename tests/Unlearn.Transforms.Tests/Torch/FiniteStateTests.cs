using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Calibrators;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using TorchSharp;
using Unlearn.Transforms.MLNetModels;
using Unlearn.Transforms.MLNetModels.Trees;
using Unlearn.Transforms.Pipeline.Persistence;
using Xunit;
using static TorchSharp.torch.nn;

namespace Unlearn.Transforms.Tests.Torch;

/// <summary>No model with NaN or infinite parameters is called trained.</summary>
public sealed class FiniteStateTests
{
    private const int Width = 6;

    // A layer whose buffer the forward pass of a training spoils, while its output and so the loss stay as they should be.
    private sealed class Spoiler : Module<torch.Tensor, torch.Tensor>
    {
        private readonly torch.Tensor _mask = torch.full(3, float.NegativeInfinity);
        private readonly torch.Tensor _statistic = torch.zeros(3);
        private readonly bool _spoils;

        public Spoiler(bool spoils) : base(nameof(Spoiler))
        {
            _spoils = spoils;
            register_buffer("mask", _mask);
            register_buffer("statistic", _statistic);
        }

        public override torch.Tensor forward(torch.Tensor input)
        {
            if (training && _spoils)
                _statistic.fill_(float.NaN);
            return input.alias();
        }
    }

    private static TorchRecipe Recipe(bool spoils) => new(TorchArchitecture.Custom(
        $"spoiler-{spoils}", [Width], TinyRows.Classes, () => Sequential(("spoiler", new Spoiler(spoils)), ("output", Linear(Width, TinyRows.Classes)))))
    {
        Epochs = 1, Device = TorchDevice.Cpu,
    };

    private static TorchArchitecture Normalized => TorchArchitecture.Custom(
        "finite-norm", [Width], TinyRows.Classes, () => Sequential(("norm", BatchNorm1d(Width)), ("output", Linear(Width, TinyRows.Classes))));

    [Fact]
    public void A_training_that_ends_with_NaN_is_named_although_its_loss_is_finite()
    {
        using var rows = TinyRows.Training(30, Width);
        var failure = Assert.Throws<TrainingDivergedException>(
            () => Recipe(spoils: true).Train(rows, Enumerable.Range(0, 30).ToArray(), seed: 1, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("buffer 'spoiler.statistic'", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_infinite_mask_is_no_fault()
    {
        using var rows = TinyRows.Training(30, Width);
        using var target =
            Recipe(spoils: false).Train(rows, Enumerable.Range(0, 30).ToArray(), seed: 1, cancellationToken: TestContext.Current.CancellationToken);
        using var again = TorchTarget.FromModule(target.Architecture, target.Module);
        Assert.Equal(3, again.ClassCount);
    }

    [Theory]
    [InlineData("output.weight", float.NaN)]
    [InlineData("output.bias", float.PositiveInfinity)]
    [InlineData("norm.weight", float.NegativeInfinity)]
    [InlineData("norm.running_mean", float.NaN)]
    [InlineData("norm.running_var", float.PositiveInfinity)]
    public void A_module_that_is_not_finite_is_no_target(string name, float value)
    {
        using var module = Normalized.CreateModule(seed: 1);
        using var made = TorchTarget.FromModule(Normalized, module);
        Spoil(module, name, value);
        Assert.Contains($"'{name}'", Assert.Throws<ArgumentException>(() => TorchTarget.FromModule(Normalized, module)).Message, StringComparison.Ordinal);

        Spoil(made.Module, name, value);
        var format = new TorchTargetFormat();
        Assert.Contains(
            $"'{name}'", Assert.Throws<ArgumentException>(() => format.Load(new MLContext(1), format.Save(made))).Message, StringComparison.Ordinal);
    }

    // ML.NET checks the weights, but not what their product with the calibrator's slope gives.
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(1e30)]
    public void Linear_models_that_are_not_finite_are_no_targets(double slope)
    {
        var context = new MLContext(1);
        var linear = Construct<LinearBinaryModelParameters>(typeof(LinearBinaryModelParameters), context, new VBuffer<float>(2, [1, 1e30f]), 0f, null);
        var calibrator = Construct<PlattCalibrator>(typeof(PlattCalibrator), context, slope, 0.0);
        var mixing = typeof(PlattCalibrator).Assembly.GetType("Microsoft.ML.Calibrators.ParameterMixingCalibratedModelParameters`2")!.MakeGenericType(
            typeof(LinearBinaryModelParameters), typeof(PlattCalibrator));
        var model = Construct<object>(mixing, context, linear, calibrator);
        Assert.Contains("'output.weight'", Assert.Throws<ArgumentException>(() => LinearModel.ToTarget(model)).Message, StringComparison.Ordinal);

        static T Construct<T>(Type type, params object?[] arguments) =>
            (T)type.GetConstructors(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public)
                .Single(constructor => constructor.GetParameters().Length == arguments.Length
                    && constructor.GetParameters()[0].ParameterType.IsInstanceOfType(arguments[0])
                    && constructor.GetParameters()[1].ParameterType.Name != "ModelLoadContext").Invoke(arguments);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    public void Trees_that_are_not_finite_are_no_targets(float value)
    {
        TreeEnsemble Trees(float start, float threshold, float leaf) => new()
        {
            IsBoosted = true, Link = TreeLink.LogOdds, Starts = [start], Scores = [0], Roots = [0], Left = [-1], Right = [-2], Features = [0], Thresholds =
            [
                threshold,
            ], CategoryStarts = [0, 0], Categories = [], LeafValues = [1, leaf],
        };
        Assert.Equal(2, new TreeEnsembleTarget(Trees(0, float.PositiveInfinity, 1), 1).LeafCount);
        Assert.Contains("leaf 1", Assert.Throws<ArgumentException>(() => new TreeEnsembleTarget(Trees(0, 0, value), 1)).Message, StringComparison.Ordinal);
        Assert.Contains("start", Assert.Throws<ArgumentException>(() => new TreeEnsembleTarget(Trees(value, 0, 1), 1)).Message, StringComparison.Ordinal);
        Assert.Contains("node 0", Assert.Throws<ArgumentException>(() => new TreeEnsembleTarget(Trees(0, float.NaN, 1), 1)).Message, StringComparison.Ordinal);
    }

    private static void Spoil(Module<torch.Tensor, torch.Tensor> module, string name, float value)
    {
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        module.state_dict()[name][0].fill_(value);
    }
}
