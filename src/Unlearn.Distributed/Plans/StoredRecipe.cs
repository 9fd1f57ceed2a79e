using Unlearn.Transforms;

namespace Unlearn.Distributed.Plans;

/// <summary>
/// A recipe as a worker finds it again: a <see cref="TorchRecipe"/> by its settings and its architecture's name, any other by its specification among
/// those that the worker knows.
/// </summary>
internal sealed record StoredRecipe
{
    public required string Specification { get; init; }

    public TorchSettings? Torch { get; init; }

    public static StoredRecipe Of(ITrainingRecipe recipe) => new()
    {
        Specification = recipe.Specification,
        Torch = recipe is TorchRecipe torch ? TorchSettings.Of(torch) : null,
    };

    /// <exception cref="DistributedTrialsException">The worker does not know it.</exception>
    public ITrainingRecipe Restore(IReadOnlyList<ITrainingRecipe> known)
    {
        var recipe = known.FirstOrDefault(candidate => candidate.Specification == Specification) ?? Torch?.Restore();
        if (recipe?.Specification == Specification)
            return recipe;
        throw new DistributedTrialsException(recipe is null
            ? $"The worker does not know the recipe '{Specification}': name it in DistributedWorkerOptions.Recipes."
                + (known.Count == 0 ? "" : $" It knows '{string.Join("', '", known.Select(candidate => candidate.Specification))}'.")
            : $"The recipe is '{recipe.Specification}' on the worker, but '{Specification}' in the plan: "
                + "use the same version of Unlearn.MLNet and the same kind of device.");
    }

    internal sealed record TorchSettings
    {
        public required string Architecture { get; init; }

        public required long[] InputShape { get; init; }

        public required int ClassCount { get; init; }

        public required int[] Widths { get; init; }

        public required int Epochs { get; init; }

        public required int BatchSize { get; init; }

        public required OptimizerKind Optimizer { get; init; }

        public required double LearningRate { get; init; }

        public required LearningRateSchedule Schedule { get; init; }

        public required double Momentum { get; init; }

        public required double WeightDecay { get; init; }

        public required int Stack { get; init; }

        public required string Device { get; init; }

        public static TorchSettings Of(TorchRecipe recipe) => new()
        {
            Architecture = recipe.Architecture.Name,
            InputShape = [.. recipe.Architecture.InputShape],
            ClassCount = recipe.Architecture.ClassCount,
            Widths = [.. recipe.Architecture.Widths],
            Epochs = recipe.Epochs,
            BatchSize = recipe.BatchSize,
            Optimizer = recipe.Optimizer,
            LearningRate = recipe.LearningRate,
            Schedule = recipe.Schedule,
            Momentum = recipe.Momentum,
            WeightDecay = recipe.WeightDecay,
            Stack = recipe.Stack,
            Device = recipe.Device.Resolve().type == TorchSharp.DeviceType.CPU ? TorchDevice.Cpu.ToString() : recipe.Device.ToString(),
        };

        /// <exception cref="DistributedTrialsException">It has a custom architecture that this process does not know.</exception>
        public TorchRecipe Restore()
        {
            try
            {
                return new(TorchArchitecture.Restore(Architecture, InputShape, ClassCount, Widths))
                {
                    Epochs = Epochs,
                    BatchSize = BatchSize,
                    Optimizer = Optimizer,
                    LearningRate = LearningRate,
                    Schedule = Schedule,
                    Momentum = Momentum,
                    WeightDecay = WeightDecay,
                    Stack = Stack,
                    Device = TorchDevice.Parse(Device),
                };
            }
            catch (InvalidOperationException unknown)
            {
                throw new DistributedTrialsException(
                    $"The worker does not know the architecture '{Architecture}': let its program call TorchArchitecture.Custom(\"{Architecture}\", …) first.",
                    unknown);
            }
        }
    }
}
