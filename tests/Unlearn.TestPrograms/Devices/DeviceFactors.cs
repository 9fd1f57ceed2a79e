using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms;
using Unlearn.Transforms.Tests;

namespace Unlearn.TestPrograms.Devices;

/// <summary>Training, reference models, all factors, saving and prediction engines on the lazy device, beside the CPU.</summary>
internal static class DeviceFactors
{
    private sealed class Loss
    {
        [ColumnName("Loss")]
        public float Value { get; set; }
    }

    private sealed class SynchronizesEveryEpoch : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => LazyDevice.Synchronize();
    }

    public static void Run(string name)
    {
        LazyDevice.Start();
        var example = DeviceCase.Find(name);
        var onCpu = example.Recipe with { Device = TorchDevice.Cpu };
        var onLazy = example.Recipe with { Device = LazyDevice.Instance };

        using var trained = onCpu.TrainWithGradientTrace(example.Rows, example.Positions, seed: 7, checkpoints: 2);
        using var elsewhere = onLazy.TrainWithGradientTrace(example.Rows, example.Positions, seed: 7, checkpoints: 2, new SynchronizesEveryEpoch());
        LazyDevice.Synchronize();
        DeviceReport.Add("training", DeviceCase.Difference(trained, elsewhere));

        // One step each: nothing computes between them.
        var references = ReferenceModels.Train(onCpu with { Epochs = 1 }, example.Rows, seed: 3, count: 4, workers: 1);
        var otherReferences = ReferenceModels.Train(onLazy with { Epochs = 1 }, example.Rows, seed: 3, count: 4, workers: 1);
        if (example.HasStatistics)
            otherReferences = references;
        else
            DeviceReport.Add("reference models", DeviceCase.Difference(
                [.. references.LogitConfidences.SelectMany(model => model)], [.. otherReferences.LogitConfidences.SelectMany(model => model)]));

        using var copy = DeviceCase.OnLazy(trained);
        LazyDevice.Synchronize();
        using var model = Fit(trained, trained.Trace!, references);
        using var otherModel = Fit(copy, (example.HasStatistics ? trained : elsewhere).Trace!, otherReferences);
        var (columns, others) = (example.Columns(model), example.Columns(otherModel));
        foreach (var (factor, values) in columns)
            DeviceReport.Add(factor, DeviceCase.Difference(values, others[factor]));

        var loaded = SaveAndLoad();
        var target = (TorchTarget)((UnlearnFactorsTransformer)loaded).Fitted.Model.Target;
        DeviceReport.Require("loaded onto the device", target.Device.type == copy.Device.type);
        var again = example.Columns(loaded);
        DeviceReport.Add("save and load", others.Max(column => DeviceCase.Difference(column.Value, again[column.Key])));

        using var engine = example.Context.Model.CreatePredictionEngine<TinyRows.Row, Loss>(loaded, example.View.Schema);
        DeviceReport.Add("prediction engine", DeviceCase.Difference(
            [.. others["Loss"].Take(4)], [.. example.Tiny.Take(4).Select(row => engine.Predict(row).Value)]));

        UnlearnFactorsTransformer Fit(TorchTarget target, TrainingTrace trace, ReferenceModels known) => example.Context.Transforms.UnlearnFactors(new()
        {
            Target = target, Factors = example.Factors, RowIdColumnName = "RowId", Trace = trace, References = known, Seed = 11,
        }).Fit(example.View);

        ITransformer SaveAndLoad()
        {
            using var stream = new MemoryStream();
            example.Context.Model.Save(otherModel, example.View.Schema, stream);
            stream.Position = 0;
            return example.Context.Model.Load(stream, out _);
        }
    }
}
