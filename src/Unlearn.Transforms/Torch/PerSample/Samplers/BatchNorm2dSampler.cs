using TorchSharp.Modules;

namespace Unlearn.Transforms.Torch.PerSample.Samplers;

internal sealed class BatchNorm2dSampler(BatchNorm2d layer) : BatchNormSampler<BatchNorm2d>(layer);
