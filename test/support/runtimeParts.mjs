// @ts-check
/**
 * What onnxruntime-web's WebAssembly is made of beside onnxruntime itself: no package brings these licences, as they are
 * compiled in. From onnxruntime's cmake/deps.txt and what the binaries say of themselves (`marker`: text that is in
 * one of them; none where a part leaves no trace, headers only).
 */

/** The version that this list was made for: another one must be looked at again. */
export const RUNTIME_VERSION = '1.30.0';

/** @typedef {'MIT' | 'BSD-3-Clause' | 'Apache-2.0' | 'MPL-2.0' | 'BSL-1.0' | 'Apache-2.0 WITH LLVM-exception'} Licence */
/** @typedef {{ name: string, licence: Licence, copyright: string, marker?: string, source?: string }} RuntimePart */

/** `source` is the name of its folder among onnxruntime's dependencies. @type {readonly RuntimePart[]} */
export const RUNTIME_PARTS = [
  { name: 'Abseil', licence: 'Apache-2.0', copyright: 'The Abseil Authors', marker: 'absl/', source: 'abseil_cpp' },
  { name: 'Boost.Mp11', licence: 'BSL-1.0', copyright: 'Peter Dimov and others' },
  { name: 'Dawn', licence: 'BSD-3-Clause', copyright: '2017-2026 The Dawn & Tint Authors', marker: 'dawn' },
  { name: 'date', licence: 'MIT', copyright: '2015-2017 Howard Hinnant and others' },
  {
    name: 'Eigen',
    licence: 'MPL-2.0',
    copyright: 'The Eigen authors; source: https://gitlab.com/libeigen/eigen',
    marker: 'Eigen::',
  },
  {
    name: 'Emscripten',
    licence: 'MIT',
    copyright: '2010-2026 Emscripten authors, see its AUTHORS file',
    marker: 'emscripten',
  },
  { name: 'FlatBuffers', licence: 'Apache-2.0', copyright: '2014-2024 Google Inc.', marker: 'flatbuffers' },
  { name: 'GSL', licence: 'MIT', copyright: '2015 Microsoft Corporation', marker: 'gsl::' },
  { name: 'JSON for Modern C++', licence: 'MIT', copyright: '2013-2022 Niels Lohmann', marker: 'nlohmann' },
  {
    name: 'LLVM libc++, libc++abi, compiler-rt',
    licence: 'Apache-2.0 WITH LLVM-exception',
    copyright: 'The LLVM contributors',
  },
  { name: 'musl', licence: 'MIT', copyright: '2005-2020 Rich Felker and others' },
  { name: 'ONNX', licence: 'Apache-2.0', copyright: 'ONNX Project Contributors', marker: 'onnx-src', source: 'onnx' },
  {
    name: 'Protocol Buffers',
    licence: 'BSD-3-Clause',
    copyright: '2008 Google Inc.',
    marker: 'google/protobuf',
    source: 'protobuf',
  },
  { name: 'RE2', licence: 'BSD-3-Clause', copyright: '2009 The RE2 Authors', source: 're2' },
  { name: 'SafeInt', licence: 'MIT', copyright: '2018 Microsoft', marker: 'SafeInt<' },
  { name: 'utf8_range', licence: 'MIT', copyright: '2019 Yibo Cai, 2022 Google LLC' },
];

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const BSD3 = `Redistribution and use in source and binary forms, with or without modification, are permitted provided that the
following conditions are met:

1. Redistributions of source code must retain the above copyright notice, this list of conditions and the following
   disclaimer.
2. Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the following
   disclaimer in the documentation and/or other materials provided with the distribution.
3. Neither the name of the copyright holder nor the names of its contributors may be used to endorse or promote
   products derived from this software without specific prior written permission.

THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS" AND ANY EXPRESS OR IMPLIED WARRANTIES,
INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT, INDIRECT, INCIDENTAL,
SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY,
WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF
THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.`;

const BSL = `Permission is hereby granted, free of charge, to any person or organization obtaining a copy of the software and
accompanying documentation covered by this license (the "Software") to use, reproduce, display, distribute, execute, and
transmit the Software, and to prepare derivative works of the Software, and to permit third-parties to whom the Software
is furnished to do so, all subject to the following:

The copyright notices in the Software and this entire statement, including the above license grant, this restriction and
the following disclaimer, must be included in all copies of the Software, in whole or in part, and all derivative works
of the Software, unless such copies or derivative works are solely in the form of machine-executable object code
generated by a source language processor.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE, TITLE AND NON-INFRINGEMENT. IN NO EVENT SHALL THE
COPYRIGHT HOLDERS OR ANYONE DISTRIBUTING THE SOFTWARE BE LIABLE FOR ANY DAMAGES OR OTHER LIABILITY, WHETHER IN CONTRACT,
TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const LLVM = `As an exception, if, as a result of your compiling your source code, portions of this Software are embedded into an
Object form of such source code, you may redistribute such embedded portions in such Object form without complying with
the conditions of Sections 4(a), 4(b) and 4(d) of the License.`;

/** Short licences in full; the long ones stand once at the end. @type {Readonly<Record<Licence, string>>} */
export const LICENCE_TEXTS = {
  MIT: `MIT License\n\n${MIT}`,
  'BSD-3-Clause': `BSD 3-Clause License\n\n${BSD3}`,
  'BSL-1.0': `Boost Software License, Version 1.0\n\n${BSL}`,
  'Apache-2.0': 'Apache License, Version 2.0: see “Apache License 2.0” below.',
  'MPL-2.0': 'Mozilla Public License, Version 2.0: see “Mozilla Public License 2.0” below.',
  'Apache-2.0 WITH LLVM-exception': `Apache License, Version 2.0 (see “Apache License 2.0” below) with LLVM exceptions:\n\n${LLVM}`,
};
