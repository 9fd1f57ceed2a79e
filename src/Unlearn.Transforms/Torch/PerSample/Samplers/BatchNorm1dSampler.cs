using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class BatchNorm1dSampler(BatchNorm1d layer) : BatchNormSampler<BatchNorm1d>(layer);
